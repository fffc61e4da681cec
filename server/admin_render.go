package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"beckon/dashboards/ui"
	"beckon/web/text"
)

// gzipFrom is the least bytes that are worth compressing: about one packet.
const gzipFrom = 1400

// render answers with a whole page, or a fragment of one.
func (a *adminRequest) render(c templ.Component) error { return a.renderStatus(fiber.StatusOK, c) }

func (a *adminRequest) renderStatus(status int, c templ.Component) error {
	var page bytes.Buffer
	if err := ui.In(a.text, c).Render(a.ctx, &page); err != nil {
		return fmt.Errorf("render %s: %w", a.Path(), err)
	}
	a.Response().Header.SetContentType("text/html; charset=utf-8")
	a.Status(status)
	return a.send(page.Bytes())
}

// send answers with a body, compressed where the browser takes that.
func (a *adminRequest) send(body []byte) error {
	if len(body) < gzipFrom || !strings.Contains(a.Get(fiber.HeaderAcceptEncoding), "gzip") {
		a.Response().SetBody(body)
		return nil
	}
	zw, ok := a.n.admin.zippers.Get().(*gzip.Writer)
	if !ok {
		zw = gzip.NewWriter(nil)
	}
	defer a.n.admin.zippers.Put(zw)
	a.Response().ResetBody()
	zw.Reset(a.Response().BodyWriter())
	if _, err := zw.Write(body); err != nil {
		return fmt.Errorf("compress %s: %w", a.Path(), err)
	}
	a.Set(fiber.HeaderContentEncoding, "gzip")
	return zw.Close()
}

// maxCSV bounds a file of rows, bytes.
const maxCSV = 32 << 20

// csv answers with rows as a file called name (without its ending). Texts that spreadsheets would calculate come with an apostrophe.
func (a *adminRequest) csv(name string, head []string, rows iter.Seq[[]string]) error {
	var out bytes.Buffer
	out.WriteString("\ufeff") // spreadsheets take a file without it for Latin-1
	w := csv.NewWriter(&out)
	if err := w.Write(head); err != nil {
		return err
	}
	safe := make([]string, 0, len(head))
	for row := range rows {
		safe = safe[:0]
		for _, cell := range row {
			safe = append(safe, plainCell(cell))
		}
		if err := w.Write(safe); err != nil {
			return err
		}
		if out.Len() > maxCSV {
			return fail(422, "too_much", "the file would be larger than %d MB: choose less", maxCSV>>20)
		}
	}
	if w.Flush(); w.Error() != nil {
		return w.Error()
	}
	a.Response().Header.SetContentType("text/csv; charset=utf-8")
	a.Set(fiber.HeaderContentDisposition, `attachment; filename="`+fileName(name)+`.csv"`)
	return a.send(out.Bytes())
}

// plainCell keeps spreadsheets from taking a shopper's or merchant's text for a formula. Numbers stay numbers.
func plainCell(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}

func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, name)
}

// asset answers with one of the pages' own files. Its name has the hash of its content, so it may be kept for ever.
func (a *adminRequest) asset(body, zipped []byte, kind string) error {
	a.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	a.Response().Header.Del(fiber.HeaderVary)
	a.Vary(fiber.HeaderAcceptEncoding)
	a.Response().Header.SetContentType(kind)
	if strings.Contains(a.Get(fiber.HeaderAcceptEncoding), "gzip") && len(zipped) < len(body) {
		a.Set(fiber.HeaderContentEncoding, "gzip")
		body = zipped
	}
	_, err := io.Copy(a.Response().BodyWriter(), bytes.NewReader(body))
	return err
}

// Cookies that say how a person wants pages to be.
const (
	languageCookie = "beckon_lang"
	themeCookie    = "beckon_theme"
	tasteLife      = 365 * 24 * time.Hour
)

// language is what the person chose: with this request, or before. A choice is kept.
func (a *adminRequest) language() string {
	if l := a.Query("lang"); knownLanguage(l) {
		a.keepTaste(languageCookie, l)
		return l
	}
	if l := strings.Clone(a.Cookies(languageCookie)); knownLanguage(l) {
		return l
	}
	return ""
}

func knownLanguage(l string) bool {
	return slices.ContainsFunc(text.Languages(), func(known [2]string) bool { return known[0] == l })
}

func (a *adminRequest) theme() string {
	switch a.Cookies(themeCookie) {
	case "light":
		return "light"
	case "dark":
		return "dark"
	}
	return ""
}

func (a *adminRequest) keepTaste(name, value string) {
	c := fiber.Cookie{Name: name, Value: value, Path: "/admin", SameSite: fiber.CookieSameSiteLaxMode, Secure: a.n.admin.secure, MaxAge: int(tasteLife.Seconds())}
	if value == "" {
		c.MaxAge, c.Expires = 0, time.Unix(1, 0)
	}
	a.Cookie(&c)
}
