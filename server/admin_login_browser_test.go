package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// enter types into a field of the page.
func (w *window) enter(name, value string) {
	w.t.Helper()
	w.until("the field "+name, fmt.Sprintf(`document.querySelector('main [name=%q]')`, name))
	if _, err := w.evaluate(fmt.Sprintf(`(document.querySelector('main [name=%q]').value = %q, "")`, name, value)); err != nil {
		w.t.Fatal(err)
	}
}

// send sends the form that a field stands in, as a person does.
func (w *window) send(field string) {
	w.t.Helper()
	if _, err := w.evaluate(fmt.Sprintf(`(document.querySelector('main [name=%q]').form.requestSubmit(), "")`, field)); err != nil && !left(err) {
		w.t.Fatal(err)
	}
}

func TestInABrowserPeopleLogInTurnTheSecondStepOnAndUseIt(t *testing.T) {
	in := newInstallation(t)
	in.command("admin", "add", "anna", "--role", "admin", "--password", deskPassword, "--data", in.dir)
	in.start()
	w := openWindow(t, startBrowser(t))
	w.open(in.url + "/admin/users")
	w.until("the login", `location.pathname == "/admin/login"`)
	w.enter("user", "anna")
	w.enter("password", "wrong")
	w.send("user")
	w.until("a refusal in words", `document.querySelector(".problem")?.innerText.includes("wrong")`)
	if got := w.text(`document.querySelector("[name=user]").value`); got != "anna" {
		t.Errorf("the name entered became %q", got)
	}
	w.enter("password", deskPassword)
	w.send("user")
	w.until("the page that was asked for", `location.pathname == "/admin/users" && document.querySelector("h1").innerText == "People"`)
	if got := w.text(`document.cookie`); strings.Contains(got, "beckon_session") {
		t.Errorf("scripts read the session: %q", got)
	}
	if got := w.text(`(() => { const s = document.createElement("script"); s.textContent = "window.ran = true"; document.body.append(s); return String(!!window.ran) })()`); got != "false" {
		t.Error("a script in the page ran")
	}

	w.open(in.url + "/admin/account/second")
	w.until("the picture", `document.querySelector("img.qr")?.naturalWidth > 100`)
	secret := strings.ReplaceAll(w.text(`document.querySelector("details code").textContent`), " ", "")
	code := func(at time.Time) string {
		c, err := totp.GenerateCode(secret, at)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	w.enter("code", code(time.Now()))
	w.enter("current", deskPassword)
	w.send("code")
	w.until("ten recovery codes", `document.querySelectorAll("#codes li code").length == 10`)
	recovery := w.text(`document.querySelector("#codes li code").textContent`)

	w.open(in.url + "/admin/account")
	w.click(`form[action^="/admin/logout"] button`)
	w.until("the login again", `location.pathname == "/admin/login"`)
	w.open(in.url + "/admin/account")
	w.until("nothing without a session", `location.pathname == "/admin/login"`)
	for _, c := range []string{"000000", recovery} {
		w.enter("user", "anna")
		w.enter("password", deskPassword)
		w.send("user")
		w.enter("code", c)
		w.send("code")
		if c != recovery {
			w.until("a refusal of the code", `document.querySelector(".problem") && document.querySelector("main [name=code]")`)
			w.open(in.url + "/admin/login?next=/admin/account")
		}
	}
	w.until("logged in by a recovery code", `location.pathname == "/admin/account" && document.querySelector("#second").innerText.includes("9 recovery codes")`)
}
