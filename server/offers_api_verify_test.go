package main

import (
	"strings"
	"testing"
)

func TestVerifyTellsCampaignsAccounts(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.want(201, "PUT", "/v1/campaigns/rescue", in.secret, rescueBody, nil)
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	want := "campaign     rescue of site test: granted 0 = live 0 + redeemed 0 + expired 0 + cancelled 0; spent 0 + reserved 0 of 1000 EUR\n"
	if out := in.command("verify", "--data", in.dir); !strings.Contains(out, want) || !strings.Contains(out, "all is well") {
		t.Errorf("verify printed\n%s", out)
	}
	in.start()
	in.want(200, "GET", "/v1/campaigns/rescue", in.secret, "", nil)
}
