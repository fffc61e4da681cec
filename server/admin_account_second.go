package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/url"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"

	"beckon/dashboards/people"
	"beckon/dashboards/ui"
	"beckon/server/shop"
)

// enrolLife is how long the picture of a new secret can be confirmed.
const enrolLife = 15 * time.Minute

func (n *node) getSecond(a *adminRequest) error {
	return a.showSecond(200, shop.NewTOTPSecret(), nil, nil)
}

// showSecond shows the page of the second step: with codes what was just made, else what can be done.
func (a *adminRequest) showSecond(status int, secret string, codes []string, errors map[string]string) error {
	p := a.page("account", a.text.T("people.second"))
	p.Lead, p.Up = a.text.T("people.second.lead"), &ui.Link{Label: a.text.T("people.account"), Href: p.URL("/admin/account")}
	v := people.SecondView{On: a.user.TOTP, Codes: codes, Errors: errors}
	if !v.On {
		picture, err := qrPicture(otpURL(a.user.Name, secret))
		if err != nil {
			return err
		}
		v.QR, v.Secret = picture, grouped(secret)
		v.Ticket = a.n.admin.signer.sign("enrol "+a.session.Key, secret, a.now.Add(enrolLife))
	}
	return a.renderStatus(status, people.Second(p, v))
}

// otpURL is the secret as apps read it: Key URI Format of Google Authenticator, which all apps took over.
func otpURL(user, secret string) string {
	q := url.Values{"secret": {secret}, "issuer": {"Beckon"}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	return "otpauth://totp/Beckon:" + url.PathEscape(user) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// qrPicture is a QR code as the address of an image.
func qrPicture(text string) (string, error) {
	const (
		quiet = 4 // modules of white around it, ISO/IEC 18004
		dots  = 4 // pixels of a module
	)
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("make a QR code: %w", err)
	}
	side := (code.Bounds().Dx() + 2*quiet) * dots
	picture := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range side {
		for x := range side {
			if at := image.Pt(x/dots-quiet, y/dots-quiet); at.In(code.Bounds()) && code.At(at.X, at.Y) == color.Black {
				picture.SetColorIndex(x, y, 1)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		return "", fmt.Errorf("make a QR code: %w", err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(out.Bytes()), nil
}

// grouped is a secret in groups of four, to be typed.
func grouped(secret string) string {
	var out strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
	}
	return out.String()
}

func (n *node) postSecond(a *adminRequest) error {
	bad := map[string]string{}
	secret, ok := n.admin.signer.signed("enrol "+a.session.Key, a.form("ticket"), a.now)
	if !ok || a.user.TOTP {
		bad["code"] = a.text.T("people.second.old")
		return a.showSecond(422, shop.NewTOTPSecret(), nil, bad)
	}
	confirmed, err := a.confirmed("current")
	if err != nil {
		return err
	}
	if !confirmed {
		bad["current"] = a.text.T("people.wrong_current")
		return a.showSecond(422, secret, nil, bad)
	}
	code := strings.ReplaceAll(a.form("code"), " ", "")
	codes, err := n.shop.EnableTOTP(a.ctx, a.actor(), a.user.Name, secret, code, a.session.Key)
	if isRefusal(err, "bad_code") {
		bad["code"] = a.text.T("people.second.bad_code")
		return a.showSecond(422, secret, nil, bad)
	}
	if err != nil {
		return err
	}
	if err := a.renewSession(); err != nil {
		return err
	}
	return a.showSecond(200, "", codes, nil)
}

func (n *node) postRecoveryCodes(a *adminRequest) error {
	if err := a.secondNeeded(); err != nil {
		return err
	}
	ok, err := a.confirmed("current")
	if err != nil {
		return err
	}
	if !ok {
		return a.showSecond(422, "", nil, map[string]string{"renew": a.text.T("people.wrong_current")})
	}
	codes, err := n.shop.RenewRecoveryCodes(a.ctx, a.actor(), a.user.Name)
	if err != nil {
		return err
	}
	return a.showSecond(200, "", codes, nil)
}

func (n *node) postSecondOff(a *adminRequest) error {
	if err := a.secondNeeded(); err != nil {
		return err
	}
	ok, err := a.confirmed("password")
	if err != nil {
		return err
	}
	if !ok {
		return a.showSecond(422, "", nil, map[string]string{"off": a.text.T("people.wrong_current")})
	}
	if err := n.shop.DisableTOTP(a.ctx, a.actor(), a.user.Name); err != nil {
		return err
	}
	return a.said("/admin/account", "second_off", "")
}

// secondNeeded goes to the setting up for who has no second step.
func (a *adminRequest) secondNeeded() error {
	if a.user.TOTP {
		return nil
	}
	return &redirected{a.page("account", "").URL("/admin/account/second")}
}
