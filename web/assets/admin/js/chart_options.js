// What uPlot needs to know about a chart.
import uPlot from "../vendor/uplot/uPlot.esm.js"
import { faint, tone } from "./chart_ink.js"
import { ticks, writer } from "./chart_numbers.js"

const font = "12px system-ui, -apple-system, sans-serif"

// columns are the chart's numbers in uPlot's order: positions, then each series; a band's upper and lower edge come after its middle.
export function columns(chart) {
	const out = [chart.x]
	for (const s of chart.s) {
		out.push(s.y || chart.x.map(() => null))
		if (s.k === "band") out.push(s.hi || [], s.lo || [])
	}
	return out
}

// options describe the drawing. Colours are asked for at each drawing, so that a change of theme only draws again.
export function options(mine, size) {
	const { chart } = mine
	const ink = (name) => () => mine.inks[name]
	const series = [{}]
	const bands = []
	const bars = chart.s.filter((s) => s.k === "bars").length
	let bar = 0
	chart.s.forEach((s, i) => {
		const name = tone(s, i)
		const at = series.length
		const scale = s.a ? "y2" : "y"
		const line = { label: s.n, scale, stroke: ink(name), width: 2, points: { show: false, size: 6, fill: ink(name), filter: alone }, spanGaps: false }
		if (s.k === "bars") {
			line.paths = uPlot.paths.bars({ size: [0.7 / bars, 40], align: bars === 2 ? (bar++ ? 1 : -1) : 0, radius: 0.15 })
			line.fill = () => faint(mine.inks[name], 0.72)
			line.width = 0
			line.points = { show: false, filter: () => null }
		} else if (s.k === "step") {
			line.paths = uPlot.paths.stepped({ align: 1 })
		} else if (chart.s.length === 1) {
			line.fill = () => faint(mine.inks[name], 0.08)
		}
		if (s.tone === "quiet") line.dash = [5, 4]
		series.push(line)
		if (s.k === "band") {
			line.show = !!s.y
			line.fill = null
			const edge = { scale, stroke: () => faint(mine.inks[name], 0.3), width: 1, points: { show: false } }
			series.push({ ...edge }, { ...edge })
			bands.push({ series: [at + 1, at + 2], fill: () => faint(mine.inks[name], 0.16) })
		}
	})
	return {
		...size,
		ms: 1,
		series,
		bands,
		legend: { show: false },
		padding: [chart.m ? 20 : 8, 24, 0, 4],
		cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
		scales: scales(chart),
		axes: axes(mine, ink),
		hooks: { draw: [(u) => drawMarks(u, mine)] },
	}
}

// alone are the positions whose neighbours have no value: no line shows them.
function alone(u, series) {
	const y = u.data[series]
	return [...y.keys()].filter((i) => y[i] != null && y[i - 1] == null && y[i + 1] == null)
}

function scales(chart) {
	const reach = (axis) => (u, low, high) => {
		if (low == null || (low === 0 && high === 0)) return [0, chart.u === "count" ? 4 : 1]
		const upright = chart.s.some((s) => (s.a || 0) === axis && s.k === "bars")
		const near = low > 0.6 * high && high > low && !upright && chart.u !== "count" // a scale from 0 would hide how it moves
		const least = { pad: 0.08, soft: 0, mode: near ? 0 : 1 }
		const most = { pad: 0.08, soft: chart.u === "count" ? 4 : 0, mode: chart.u === "count" ? 1 : 0 }
		return uPlot.rangeNum(near ? low : Math.min(low, 0), Math.max(high, low < 0 ? 0 : high), { min: near || low < 0 ? least : { pad: 0, soft: 0, mode: 3 }, max: most })
	}
	const bars = chart.s.some((s) => s.k === "bars")
	const x = { time: !!chart.t }
	if (bars) {
		x.range = (u, low, high) => { // half a bar more on both sides
			const all = u.data[0]
			const half = all.length > 1 ? (all[all.length - 1] - all[0]) / (all.length - 1) / 2 : chart.t ? 3600000 : 0.5
			return [low - half, high + half]
		}
	}
	return { x, y: { range: reach(0) }, y2: { range: reach(1) } }
}

function axes(mine, ink) {
	const { chart } = mine
	const write = writer(chart)
	const upright = (scale, side) => ({
		scale,
		side,
		stroke: ink("muted"),
		font,
		size: (u, values) => 16 + 7 * Math.max(3, ...(values || []).map((v) => String(v).length)),
		space: 40,
		grid: { show: side === 3, stroke: ink("line"), width: 1 },
		ticks: { show: false },
		incrs: write.least ? whole : undefined,
		values: (u, splits) => splits.map(write.axis),
	})
	const out = [
		{ stroke: ink("muted"), font, size: 30, gap: 6, space: chart.t ? 72 : 56, grid: { show: false }, ticks: { stroke: ink("line"), width: 1, size: 5 }, values: ticks(chart) },
		upright("y", 3),
	]
	if (chart.s.some((s) => s.a)) out.push(upright("y2", 1))
	return out
}

const whole = []
for (let e = 0; e < 12; e++) for (const m of [1, 2, 5]) whole.push(m * 10 ** e)

// drawMarks draws upright lines with their names where something happened.
function drawMarks(u, { chart, inks }) {
	if (!chart.m) return
	const { ctx } = u
	const { left, top, width, height } = u.bbox
	const ratio = devicePixelRatio
	ctx.save()
	ctx.font = `${12 * ratio}px system-ui, sans-serif`
	ctx.lineWidth = ratio
	ctx.setLineDash([3 * ratio, 3 * ratio])
	ctx.textAlign = "left"
	ctx.textBaseline = "alphabetic"
	let taken = -Infinity
	for (const m of [...chart.m].sort((a, b) => a.x - b.x)) {
		const x = Math.round(u.valToPos(m.x, "x", true))
		if (x < left || x > left + width) continue
		ctx.strokeStyle = inks.muted
		ctx.beginPath()
		ctx.moveTo(x, top)
		ctx.lineTo(x, top + height)
		ctx.stroke()
		const wide = ctx.measureText(m.l).width
		const from = Math.max(left, Math.min(x - wide / 2, left + width - wide))
		if (from < taken + 8 * ratio) continue // its name would stand in another's
		ctx.fillStyle = inks.text
		ctx.fillText(m.l, from, top - 7 * ratio)
		taken = from + wide
	}
	ctx.restore()
}
