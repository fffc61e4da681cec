/*! uPlot 1.6.32, (c) 2025 Leon Sorokin, MIT License: https://github.com/leeoniya/uPlot */
// Draws every figure with data-chart. A figure whose data changes keeps its drawing and gets the new numbers.
import uPlot from "../vendor/uplot/uPlot.esm.js"
import { all } from "./page.js"
import { readInks } from "./chart_ink.js"
import { columns, options } from "./chart_options.js"
import { addReading } from "./chart_reading.js"

const drawn = new Map() // figure → { plot, chart, shape, text, watch }

export function drawCharts(root) {
	for (const [figure, old] of drawn) if (!old.plot.root.isConnected) forget(figure)
	for (const figure of all(root, "figure[data-chart]")) draw(figure)
}

function draw(figure) {
	const text = figure.dataset.chart
	const into = figure.querySelector("[data-plot]")
	const old = drawn.get(figure)
	if (old?.text === text) return
	if (!into) return forget(figure)
	const chart = JSON.parse(text)
	const shape = JSON.stringify([chart.t, chart.u, chart.c, chart.m, chart.s.map((s) => [s.n, s.k, s.a, s.tone, !!s.y])])
	if (old?.shape === shape) {
		Object.assign(old, { text })
		Object.assign(old.chart, chart)
		old.plot.setData(columns(chart))
		old.read()
		return
	}
	forget(figure)
	const mine = { chart, shape, text, inks: readInks(into) }
	const size = () => ({ width: Math.max(80, into.clientWidth), height: Math.max(80, into.clientHeight) })
	mine.plot = new uPlot(options(mine, size()), columns(chart), into)
	mine.read = addReading(figure, into, mine)
	mine.watch = new ResizeObserver(() => {
		const now = size()
		if (now.width !== mine.plot.width || now.height !== mine.plot.height) mine.plot.setSize(now)
	})
	mine.watch.observe(into)
	mine.into = into
	drawn.set(figure, mine)
}

function forget(figure) {
	const old = drawn.get(figure)
	if (!old) return
	old.watch.disconnect()
	old.plot.destroy()
	figure.querySelector(".legend")?.remove()
	drawn.delete(figure)
}

document.addEventListener("themechange", () => {
	for (const one of drawn.values()) {
		one.inks = readInks(one.into)
		one.plot.redraw(false)
		one.read()
	}
})
