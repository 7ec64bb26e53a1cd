"""The pages that people look at: files of the package, served as they are, with nothing built and nothing fetched."""
