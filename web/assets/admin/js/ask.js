// Asks before a change that is hard to take back, and sends every form once.

const again = 8000 // ms after which the same form may be sent once more

export function startAsking() {
	const dialog = document.getElementById("ask")
	let waiting = null // the form and the button that the question is about
	document.addEventListener("submit", (e) => {
		const form = e.target
		if (form.getAttribute("method") === "dialog") return
		const question = e.submitter?.dataset.confirm
		if (question && dialog?.showModal && waiting?.sure !== e.submitter) {
			e.preventDefault()
			waiting = { form, submitter: e.submitter }
			dialog.querySelector("p").textContent = question
			dialog.querySelector("[data-yes]").classList.toggle("danger", e.submitter.classList.contains("danger"))
			dialog.returnValue = ""
			dialog.showModal()
			return
		}
		waiting = null
		if (form.getAttribute("method") !== "post") return
		if (form.dataset.sent) return e.preventDefault()
		form.dataset.sent = "1"
		setTimeout(() => delete form.dataset.sent, again)
	})
	dialog?.addEventListener("close", () => {
		if (dialog.returnValue !== "yes" || !waiting) {
			waiting = null
			return
		}
		waiting.sure = waiting.submitter
		waiting.form.requestSubmit(waiting.submitter)
	})
	addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent))
}
