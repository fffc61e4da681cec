package main

import (
	"strings"
	"testing"
)

func TestOperatorsLimitUsersToSitesAndLogThemOut(t *testing.T) {
	in := newInstallation(t)
	in.makeSite("b")
	list := func(want string) {
		t.Helper()
		if got := strings.Join(strings.Fields(in.command("admin", "list", "--data", in.dir)), " "); !strings.Contains(got, want) {
			t.Errorf("got %s, want %s in it", got, want)
		}
	}
	in.command("admin", "add", "bo", "--password", deskPassword, "--role", "merchandiser", "--site", "b", "--data", in.dir)
	list("bo merchandiser b off")
	in.env["BECKON_ADMIN_PASSWORD"] = "not meant for bo"
	in.command("admin", "change", "bo", "--site", "b", "--site", "test", "--data", in.dir)
	list("bo merchandiser b test off")
	in.command("admin", "change", "bo", "--site", "all", "--no-code", "--data", in.dir)
	list("bo merchandiser all off")
	in.command("admin", "logout", "bo", "--data", in.dir)
	in.start()
	p := (&desk{t: t, url: in.url}).browser()
	if got := p.login("bo", deskPassword); got.StatusCode != 303 {
		t.Fatalf("login: %d %s", got.StatusCode, got.body)
	}
	in.command("admin", "logout", "bo", "--data", in.dir)
	if p.loggedIn() {
		t.Error("the session outlived `admin logout`")
	}
}
