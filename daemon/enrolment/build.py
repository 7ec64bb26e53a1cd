"""Enrolment, and what is kept of decisions, as the configuration wants them."""

import os
from datetime import timedelta

from daemon.config.settings import Settings
from daemon.enrolment.aftermath import Aftermath, Learning, Pictures
from daemon.enrolment.enroller import Enroller
from daemon.enrolment.images import ImageArchive
from daemon.enrolment.learned import Bounds
from daemon.gallery.keeper import GalleryKeeper
from daemon.storage.masterkey import KeySource, find_store_key
from daemon.storage.store import Store
from daemon.vision.recogniser import Networks, Recogniser


def make_enroller(settings: Settings, *, recogniser: Networks, store: Store, gallery: GalleryKeeper) -> Enroller:
    """What makes references, as demanding and as forgetful as the configuration says."""
    return Enroller(
        recogniser=recogniser,
        gallery=gallery,
        min_liveness=settings.liveness.threshold if settings.enrolment.live_only else None,
        archive=ImageArchive(store=store) if "enrolment" in settings.storage.keep_images else None,
    )


def make_aftermath(settings: Settings, *, recogniser: Recogniser, store: Store) -> Aftermath:
    """What is kept of decisions; by default nothing."""
    learning, storage = settings.learning, settings.storage
    bounds = Bounds(
        least_score=recogniser.scale.score(learning.min_similarity),
        limit=learning.templates,
        interval=timedelta(hours=learning.interval_hours),
    )
    return Aftermath(
        store=store,
        learning=Learning(recogniser.model, learning.min_liveness, bounds) if learning.enabled else None,
        # Also where none is kept (any more): those of before have to go in their time.
        pictures=Pictures(ImageArchive(store=store), frozenset(storage.keep_images), storage.image_days),
    )


def store_key(settings: Settings) -> KeySource:
    """Where the store's master key comes from. Raises StoreError."""
    return find_store_key(settings.storage, environ=os.environ)
