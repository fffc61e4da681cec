// How a chart writes its numbers and moments.
import { locale, words } from "./page.js"

const short = 10000 // from here on an axis writes 10k

// writer gives the two ways to write a value of a chart: on an axis, where room is little, and in full.
export function writer(chart) {
	const number = (options) => new Intl.NumberFormat(locale, options)
	let full, axis
	let scale = 1
	if (chart.u === "money" && chart.c) {
		full = number({ style: "currency", currency: chart.c })
		scale = 10 ** full.resolvedOptions().maximumFractionDigits
		axis = number({ style: "currency", currency: chart.c, maximumFractionDigits: 2, minimumFractionDigits: 0 })
	} else if (chart.u === "percent") {
		full = number({ style: "percent", maximumFractionDigits: 1 })
		axis = full
	} else {
		full = number({ maximumFractionDigits: chart.u === "count" ? 0 : 2 })
		axis = number({ maximumFractionDigits: 2 })
	}
	const compact = number({ ...pick(axis), notation: "compact", maximumFractionDigits: 1, minimumFractionDigits: 0 })
	return {
		full: (v) => (v == null ? words.nothing : full.format(v / scale)),
		axis: (v) => (v == null ? "" : (Math.abs(v / scale) >= short ? compact : axis).format(v / scale)),
		least: chart.u === "count" ? 1 : 0,
	}
}

const pick = (format) => {
	const { style, currency } = format.resolvedOptions()
	return currency ? { style, currency } : { style }
}

const day = 24 * 3600 * 1000
const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" })
const seconds = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" })
const date = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" })
const moment = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" })
const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 })

// ticks writes the positions of the x axis.
export const ticks = (chart) => (u, splits, axis, space, step) =>
	splits.map((x) => {
		if (x == null) return ""
		if (!chart.t) return plain.format(x)
		const at = new Date(x)
		if (step >= day || (at.getHours() === 0 && at.getMinutes() === 0 && step >= 60000)) return date.format(at)
		return (step < 60000 ? seconds : time).format(at)
	})

// place writes where the cursor stands.
export const place = (chart, x) => {
	if (!chart.t) return (chart.xl ? chart.xl + " " : "") + plain.format(x)
	const all = chart.x
	const daily = all.length > 1 && all[1] - all[0] >= day
	return (daily ? date : moment).format(new Date(x))
}
