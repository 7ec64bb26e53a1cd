/** Times and numbers as the reader's language and time zone write them. */

export class Formats {
  /** @param {string} language */
  constructor(language) {
    // The language's own variant of the browser, so that "en" in Europe keeps the 24 hours that its owner chose.
    const own = navigator.languages.find((one) => one.startsWith(language));
    this.locale = own ?? language;
    this.zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    this.#moment = this.#dates({ dateStyle: "medium", timeStyle: "medium" });
    this.#clock = this.#dates({ timeStyle: "medium" });
    this.#day = this.#dates({ dateStyle: "medium" });
    this.#weekday = this.#dates({ dateStyle: "full" });
    this.#relative = new Intl.RelativeTimeFormat(this.locale, {
      numeric: "auto",
    });
  }

  #moment;
  #clock;
  #day;
  #weekday;
  #relative;

  /** @param {string} iso */
  moment(iso) {
    return this.#moment.format(new Date(iso));
  }

  /** @param {string} iso */
  clock(iso) {
    return this.#clock.format(new Date(iso));
  }

  /** @param {string} iso a time */
  day(iso) {
    return this.#day.format(new Date(iso));
  }

  /**
   * A calendar day in full; it belongs to no time zone.
   * @param {string} date YYYY-MM-DD
   */
  date(date) {
    return this.#weekday.format(new Date(`${date}T12:00:00`));
  }

  /**
   * "3 minutes ago".
   * @param {string} iso
   * @param {number} [now] Unix milliseconds
   */
  ago(iso, now = Date.now()) {
    const seconds = (new Date(iso).getTime() - now) / 1000;
    for (const [unit, length] of UNITS) {
      if (Math.abs(seconds) >= length)
        return this.#relative.format(Math.round(seconds / length), unit);
    }
    return this.#relative.format(0, "second");
  }

  /**
   * @param {number} value
   * @param {number} [digits] after the decimal point, at most
   * @param {number} [least] after the decimal point
   */
  number(value, digits = 0, least = 0) {
    return value.toLocaleString(this.locale, {
      maximumFractionDigits: digits,
      minimumFractionDigits: least,
    });
  }

  /** @param {number} bytes */
  size(bytes) {
    const [unit, length] = SIZES.find(([, one]) => bytes >= one) ?? SIZES[3];
    return `${this.number(bytes / length, 1)} ${unit}`;
  }

  /** @param {Intl.DateTimeFormatOptions} options */
  #dates(options) {
    return new Intl.DateTimeFormat(this.locale, options);
  }
}

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];
/** @type {[[string, number], [string, number], [string, number], [string, number]]} */
const SIZES = [
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
  ["B", 1],
];

/**
 * Today, or so many days from it, in the reader's own zone.
 * @param {number} [days]
 * @returns {string} YYYY-MM-DD
 */
export function calendarDay(days = 0) {
  const day = new Date();
  day.setDate(day.getDate() + days);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()]
    .map((part) => String(part).padStart(2, "0"))
    .join("-");
}
