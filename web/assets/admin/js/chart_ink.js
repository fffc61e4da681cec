// The colours of charts are those of the style sheet: a probe takes each class, and its colour is read.

const names = ["0", "1", "2", "3", "accent", "info", "good", "warn", "bad", "quiet", "muted", "line", "text"]

export function readInks(into) {
	const probe = document.createElement("span")
	into.append(probe)
	const inks = {}
	for (const name of names) {
		probe.className = "ink-" + name
		inks[name] = getComputedStyle(probe).color
	}
	probe.remove()
	return inks
}

// tone is the name of the ink of a chart's i-th series.
export const tone = (s, i) => (names.includes(s.tone) ? s.tone : String(i % 4))

// faint is a colour that lets what is behind it through.
export const faint = (colour, share) => colour.replace(/^rgba?\(([^,]+),([^,]+),([^,)]+).*/, `rgba($1,$2,$3,${share})`)
