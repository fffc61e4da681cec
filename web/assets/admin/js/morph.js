// Replaces an element's content by new HTML while what is the same stays: focus, open details, scroll positions, drawn charts and what
// somebody is typing survive a frame.

// morph makes root's content the given HTML.
export const morph = (root, html) => {
	const fresh = document.createElement("template")
	fresh.innerHTML = html
	children(root, fresh.content)
}

const kept = (node) => node.nodeType === 1 && node.hasAttribute("data-made")

const next = (node) => {
	while (node && kept(node)) node = node.nextSibling
	return node
}

function children(old, fresh) {
	const wanted = new Set([...(fresh.children || [])].map((el) => el.id).filter(Boolean))
	let at = next(old.firstChild)
	for (const want of [...fresh.childNodes]) {
		const found = match(old, at, want)
		if (!found) {
			old.insertBefore(want, at)
			continue
		}
		while (at && at !== found && !wanted.has(at.id)) at = drop(at) // so that what stays needs no move: a move takes the focus away
		if (found === at) at = next(at.nextSibling)
		else move(old, found, at)
		update(found, want)
	}
	while (at) at = drop(at)
}

function drop(node) {
	const after = next(node.nextSibling)
	node.remove()
	return after
}

// move keeps the focus and what is playing where the browser can.
function move(parent, node, before) {
	if (parent.moveBefore) parent.moveBefore(node, before)
	else parent.insertBefore(node, before)
}

// match finds the child that want continues: the one with its id, or the next one if it is of the same kind and nobody else's.
function match(old, at, want) {
	if (want.id) return [...old.children].find((el) => el.id === want.id && el.nodeName === want.nodeName)
	return at && !at.id && at.nodeType === want.nodeType && at.nodeName === want.nodeName ? at : null
}

function update(old, want) {
	if (old.nodeType !== 1) {
		if (old.nodeValue !== want.nodeValue) old.nodeValue = want.nodeValue
		return
	}
	if ("plot" in old.dataset && "plot" in want.dataset) return
	if (want.dataset.src && old.dataset.src === want.dataset.src && "loaded" in old.dataset) return
	if (typing(old)) return
	for (const { name } of [...old.attributes]) {
		if (!want.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS")) old.removeAttribute(name)
	}
	for (const { name, value } of want.attributes) {
		if (old.getAttribute(name) !== value && !(name === "open" && old.nodeName === "DETAILS")) old.setAttribute(name, value)
	}
	children(old, want)
}

// typing says whether somebody is changing this input just now, or has.
const typing = (el) =>
	/^(INPUT|SELECT|TEXTAREA)$/.test(el.nodeName) &&
	(el === document.activeElement || (el.type === "checkbox" || el.type === "radio" ? el.checked !== el.defaultChecked : "defaultValue" in el && el.value !== el.defaultValue))
