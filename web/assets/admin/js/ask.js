// Asks before a change that is hard to take back, and sends every form once.

const again = 8000 // ms after which the same form may be sent once more

export function startAsking() {
	const dialog = document.getElementById("ask")
	let waiting = null // the button that the question is about
	let sure = null // the button that was answered with yes
	document.addEventListener("submit", (e) => {
		const form = e.target
		if (form.parentElement === dialog) {
			const asked = waiting
			waiting = null
			if (!asked || !("yes" in e.submitter.dataset)) return
			sure = asked
			asked.form.requestSubmit(asked)
			return
		}
		const question = e.submitter?.dataset.confirm
		if (question && dialog?.showModal && sure !== e.submitter) {
			e.preventDefault()
			waiting = e.submitter
			dialog.querySelector("p").textContent = question
			dialog.querySelector("[data-yes]").classList.toggle("danger", waiting.classList.contains("danger"))
			dialog.showModal()
			return
		}
		sure = null
		if (form.getAttribute("method") !== "post") return
		if (form.dataset.sent) return e.preventDefault()
		form.dataset.sent = "1"
		setTimeout(() => delete form.dataset.sent, again)
	})
	addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent))
}
