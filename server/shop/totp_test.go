package shop

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// The secret of RFC 6238's appendix B, "12345678901234567890", in base32.
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func TestCodesAreThoseOfRFC6238(t *testing.T) {
	for _, c := range []struct {
		at   int64
		code string // the last six of the RFC's eight digits
	}{{59, "287082"}, {1111111109, "081804"}, {1111111111, "050471"}, {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}} {
		if step, ok := totpStep(rfcSecret, c.code, c.at*1000); !ok || step != c.at/30 {
			t.Errorf("at %d s: step %d, %v, want %d", c.at, step, ok, c.at/30)
		}
		if _, ok := totpStep(rfcSecret, c.code, (c.at+90)*1000); ok {
			t.Errorf("the code of %d s fits 90 s later", c.at)
		}
	}
}

// codeAt is the app's code at the rig's time.
func (r *rig) codeAt(secret string) string {
	r.t.Helper()
	code, err := totp.GenerateCode(secret, time.UnixMilli(r.clock.now()))
	if err != nil {
		r.t.Fatal(err)
	}
	return code
}

func TestTheSecondStepIsNeededAndItsCodesCountOnce(t *testing.T) {
	r := newRigWithUsers(t)
	ctx := t.Context()
	kept, other := r.login("ben", "kept"), r.login("ben", "other")
	secret := NewTOTPSecret()
	_, err := r.EnableTOTP(ctx, "user ben", "ben", secret, "000000", kept)
	refused(t, err, "bad_code")
	recovery, err := r.EnableTOTP(ctx, "user ben", "ben", secret, r.codeAt(secret), kept)
	if err != nil || len(recovery) != recoveryCodes {
		t.Fatalf("%d recovery codes, %v", len(recovery), err)
	}
	if !r.in(kept) || r.in(other) {
		t.Error("the second step did not end the other sessions alone")
	}
	ben, _ := r.User("ben")
	if !ben.TOTP {
		t.Error("the user has no second step")
	}
	begin := func(id string, proof Proof) error {
		_, err := r.BeginSession(ctx, ben, SessionSpec{ID: id, Life: time.Hour, Proof: proof})
		return err
	}
	refused(t, begin("none", Proof{}), "used_code")
	if _, ok := r.CheckCode("ben", r.codeAt(secret)); ok {
		t.Error("the code that turned it on fits again")
	}
	r.clock.add(30_000)
	proof, ok := r.CheckCode("ben", r.codeAt(secret))
	if !ok {
		t.Fatal("the app's code does not fit")
	}
	if err := begin("a", proof); err != nil {
		t.Fatal(err)
	}
	refused(t, begin("b", proof), "used_code")
	r.reopen()
	refused(t, begin("c", proof), "used_code")

	code := " " + strings.ToUpper(recovery[3]) + " "
	proof, ok = r.CheckCode("ben", code)
	if !ok {
		t.Fatal("a recovery code does not fit")
	}
	if err := begin("d", proof); err != nil {
		t.Fatal(err)
	}
	refused(t, begin("e", proof), "used_code")
	if _, ok := r.CheckCode("ben", code); ok || r.RecoveryLeft("ben") != recoveryCodes-1 {
		t.Errorf("a recovery code fits twice, %d left", r.RecoveryLeft("ben"))
	}
	fresh, err := r.RenewRecoveryCodes(ctx, "user ben", "ben")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := r.CheckCode("ben", recovery[4]); ok {
		t.Error("an old recovery code fits")
	}
	if _, ok := r.CheckCode("ben", fresh[0]); !ok {
		t.Error("a new recovery code does not fit")
	}
	if err := r.DisableTOTP(ctx, "user anna", "ben"); err != nil {
		t.Fatal(err)
	}
	if err := begin("f", Proof{}); err != nil {
		t.Error(err)
	}
	_, err = r.RenewRecoveryCodes(ctx, "user ben", "ben")
	refused(t, err, "no_totp")
}

func TestNobodyReadsSecretsOfTheSecondStepInTheLog(t *testing.T) {
	r := newRigWithUsers(t)
	secret := NewTOTPSecret()
	recovery, err := r.EnableTOTP(t.Context(), "user ben", "ben", secret, r.codeAt(secret), "")
	if err != nil {
		t.Fatal(err)
	}
	text := r.text()
	for _, bad := range append(recovery, secret) {
		if strings.Contains(text, bad) || strings.Contains(text, strings.ReplaceAll(bad, "-", "")) {
			t.Errorf("the log has %q in %s", bad, text)
		}
	}
	anna, ben := r.fold.users["anna"], *r.fold.users["ben"]
	moved := *anna
	moved.Second = ben.Second
	if _, err := r.fold.sealer.open(moved.Second.Sealed, totpPlace("anna")); err == nil {
		t.Error("a sealed secret opens for another user")
	}
}

func FuzzCodesNeverFitByChance(f *testing.F) {
	f.Add("287082", int64(59_000))
	f.Add("", int64(0))
	f.Fuzz(func(t *testing.T, code string, now int64) {
		if step, ok := totpStep(rfcSecret, code, now); ok && (len(code) != 6 || step < now/30_000-1 || step > now/30_000+1) {
			t.Errorf("code %q fits at %d for step %d", code, now, step)
		}
	})
}
