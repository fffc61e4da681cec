// Reads a chart's values: in its legend, where the mouse or the arrow keys are, and aloud when the keys move.
import { make } from "./page.js"
import { place, writer } from "./chart_numbers.js"
import { tone } from "./chart_ink.js"

export function addReading(figure, into, mine) {
	const { plot } = mine
	const aloud = figure.querySelector("[data-readout]")
	const legend = make("p", "legend")
	legend.setAttribute("aria-hidden", "true") // the readout and the table say the same
	into.before(legend)
	let at = null
	let entries = []

	const build = () => {
		entries = mine.chart.s.map((s, i) => {
			const entry = make("span")
			const swatch = document.createElementNS("http://www.w3.org/2000/svg", "svg")
			swatch.setAttribute("width", "16")
			swatch.setAttribute("height", "8")
			swatch.setAttribute("class", "ink-" + tone(s, i))
			const line = document.createElementNS("http://www.w3.org/2000/svg", "path")
			line.setAttribute("d", "M0 4h16")
			if (s.tone === "quiet") line.setAttribute("stroke-dasharray", "5 3")
			swatch.append(line)
			const value = make("b")
			entry.append(swatch, s.n + " ", value)
			legend.append(entry)
			return value
		})
		entries.x = make("span", "legend-x")
		legend.append(entries.x)
	}

	const value = (write, s, i) => {
		if (s.k !== "band") return write.full(s.y?.[i])
		const band = `${write.full(s.lo?.[i])} – ${write.full(s.hi?.[i])}`
		return s.y ? `${write.full(s.y[i])} (${band})` : band
	}

	const show = () => {
		const { chart } = mine
		const write = writer(chart)
		const i = at ?? chart.x.length - 1
		chart.s.forEach((s, k) => (entries[k].textContent = value(write, s, i)))
		entries.x.textContent = chart.x.length ? place(chart, chart.x[i]) : ""
	}

	const say = () => {
		const { chart } = mine
		const write = writer(chart)
		aloud.textContent = `${place(chart, chart.x[at])}: ` + chart.s.map((s) => `${s.n} ${value(write, s, at)}`).join(", ")
	}

	const move = (i) => {
		at = Math.max(0, Math.min(mine.chart.x.length - 1, i))
		plot.setCursor({ left: plot.valToPos(mine.chart.x[at], "x"), top: plot.over.clientHeight / 2 }, false)
		show()
		say()
	}

	into.tabIndex = 0
	into.setAttribute("role", "group")
	into.setAttribute("aria-label", figure.querySelector(".chart-title").textContent)
	into.addEventListener("keydown", (e) => {
		const last = mine.chart.x.length - 1
		const step = e.shiftKey ? 10 : 1
		const to = { ArrowRight: (at ?? -1) + step, ArrowLeft: (at ?? last + 1) - step, Home: 0, End: last }[e.key]
		if (to !== undefined) {
			e.preventDefault()
			move(to)
		} else if (e.key === "Escape") leave()
	})
	const leave = () => {
		at = null
		plot.setCursor({ left: -10, top: -10 }, false)
		show()
	}
	into.addEventListener("blur", leave)
	plot.over.addEventListener("mousemove", () => {
		at = plot.cursor.idx ?? null
		show()
	})
	plot.over.addEventListener("mouseleave", leave)
	build()
	show()
	return show
}
