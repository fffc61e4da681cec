// What all scripts share: the page's words and language, and how new content comes to life.

export const words = JSON.parse(document.body.dataset.words || "{}")
export const language = document.documentElement.lang || "en"

// locale writes numbers and times: English the way that the server does, with 24 hours and the day first.
export const locale = language === "en" ? "en-GB" : language

const hooks = []

// onInsert has f called with every element that comes into the page.
export const onInsert = (f) => hooks.push(f)

// enliven makes new content below root work.
export const enliven = (root) => hooks.forEach((f) => f(root))

// all finds elements below root, root included.
export const all = (root, selector) => [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)]

// make is a new element with a class and a text, marked as the scripts' own: a replaced region keeps it.
export const make = (tag, name, text) => {
	const el = document.createElement(tag)
	if (name) el.className = name
	if (text) el.textContent = text
	el.dataset.made = ""
	return el
}

// problem is the same error state that the server's pages have, with a button to try again.
export const problem = (title, text, retry) => {
	const box = make("div", "problem")
	delete box.dataset.made // the next content replaces it
	box.setAttribute("role", "alert")
	box.append(make("p", "problem-title", title), make("p", "", text))
	if (retry) {
		const button = make("button", "button", words.retry)
		button.type = "button"
		button.addEventListener("click", retry)
		box.append(button)
	}
	return box
}

// toast says something for a few seconds.
export const toast = (text) => {
	const el = make("p", "toast", text)
	document.getElementById("toasts").append(el)
	setTimeout(() => el.remove(), 6000)
}

// ask fetches a fragment of the page as HTML. Where the session has ended meanwhile the whole page goes to the login.
export const ask = async (url, signal, body) => {
	const answer = await fetch(url, { signal, body, method: body ? "POST" : "GET", credentials: "same-origin", headers: { Accept: "text/html", "X-Fragment": "1" } })
	if (answer.status === 401 || (answer.redirected && new URL(answer.url).pathname.endsWith("/login"))) {
		location.reload()
		return ""
	}
	const html = await answer.text()
	if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status)) // 422 says in the fragment what is wrong
	return html
}
