package text

import (
	"sync"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/de"
	"github.com/go-playground/locales/en_GB"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/fr"
	"golang.org/x/text/language"
)

// Printer writes in one language.
type Printer struct {
	lang     string
	messages map[string]message // with those of English where this language lacks one
	locale   locales.Translator // dates and plural forms
	numbers  numbers
	symbols  map[string]string // of currencies, by code
}

// For is the printer of a language: "en", "de", "fr" or "es", with or without a region ("de-AT"); English for any other.
func For(lang string) *Printer {
	if p, ok := all().byLang[lang]; ok {
		return p
	}
	return Match(lang, "")
}

// Match picks a page's language, English or German: what ?lang= asks for, else what the browser prefers (Accept-Language), else English.
func Match(param, accept string) *Printer { return all().pages.match(param, accept) }

// MatchShopper is Match for what is written in all four languages.
func MatchShopper(param, accept string) *Printer { return all().shoppers.match(param, accept) }

// Languages are those that pages come in, each with its own name for itself.
func Languages() [][2]string { return [][2]string{{"en", "English"}, {"de", "Deutsch"}} }

// Lang is the language's code, for the lang attribute.
func (p *Printer) Lang() string { return p.lang }

// printers is everything that is read from the embedded files.
type printers struct {
	byLang          map[string]*Printer
	pages, shoppers choice
}

// choice finds the best of some languages; the first is the default.
type choice struct {
	of      []*Printer
	matcher language.Matcher
}

func (c choice) match(param, accept string) *Printer {
	if param == "" && accept == "" {
		return c.of[0]
	}
	_, at := language.MatchStrings(c.matcher, param, accept)
	return c.of[at]
}

// all reads the embedded files once.
var all = sync.OnceValue(func() printers {
	// Dates are those of British English: day, month, year cannot be taken for anything else, and hours run to 24.
	english := newPrinter(language.English, en_GB.New(), nil)
	german := newPrinter(language.German, de.New(), english.messages)
	french := newPrinter(language.French, fr.New(), english.messages)
	spanish := newPrinter(language.Spanish, es.New(), english.messages)
	out := printers{byLang: map[string]*Printer{}}
	for _, p := range []*Printer{english, german, french, spanish} {
		out.byLang[p.lang] = p
	}
	out.pages = newChoice(english, german)
	out.shoppers = newChoice(english, german, french, spanish)
	return out
})

func newChoice(of ...*Printer) choice {
	tags := make([]language.Tag, 0, len(of))
	for _, p := range of {
		tags = append(tags, language.MustParse(p.lang))
	}
	return choice{of: of, matcher: language.NewMatcher(tags)}
}

func newPrinter(tag language.Tag, locale locales.Translator, fallback map[string]message) *Printer {
	messages, err := readMessages(tag.String())
	if err != nil {
		panic("web/text: " + err.Error()) // embedded: only a broken build has it
	}
	for key, m := range fallback {
		if _, ok := messages[key]; !ok {
			messages[key] = m
		}
	}
	return &Printer{lang: tag.String(), messages: messages, locale: locale, numbers: newNumbers(locale), symbols: currencySymbols(tag)}
}
