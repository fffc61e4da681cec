package main

import (
	"strings"

	"golang.org/x/text/language"
)

// languages are those that reasons are written in; the first is the default.
var languages = []language.Tag{language.English, language.German, language.French, language.Spanish}

// reasonTexts holds, per kind, the sentence in each language, %s being the title of the item it is because of.
var reasonTexts = map[string][4]string{
	"bought_together":  {"Bought together with %s", "Zusammen gekauft mit %s", "Acheté avec %s", "Comprado junto con %s"},
	"viewed_together":  {"Viewed together with %s", "Zusammen angesehen mit %s", "Vu avec %s", "Visto junto con %s"},
	"session":          {"Because you looked at %s", "Weil Sie %s angesehen haben", "Parce que vous avez regardé %s", "Porque ha visto %s"},
	"similar_shoppers": {"Liked by shoppers like you", "Beliebt bei ähnlichen Kunden", "Apprécié par des clients comme vous", "Gusta a clientes como usted"},
	"trending":         {"Trending now", "Gerade gefragt", "Tendance en ce moment", "Tendencia ahora"},
	"recent":           {"You looked at this before", "Zuletzt angesehen", "Vu récemment", "Visto recientemente"},
	"bestseller":       {"Bestseller", "Bestseller", "Meilleure vente", "Más vendido"},
	"pinned":           {"Selected by the shop", "Vom Shop ausgewählt", "Sélection de la boutique", "Selección de la tienda"},
}

// reasonsWithoutItem replaces a sentence whose item has no title to show.
var reasonsWithoutItem = map[string][4]string{
	"bought_together": {"Often bought together", "Oft zusammen gekauft", "Souvent achetés ensemble", "Suelen comprarse juntos"},
	"viewed_together": {"Often viewed together", "Oft zusammen angesehen", "Souvent vus ensemble", "Suelen verse juntos"},
	"session":         {"Based on this visit", "Passend zu diesem Besuch", "D’après cette visite", "Según esta visita"},
}

var languageMatcher = language.NewMatcher(languages)

// pickLanguage is the index of the best language for ?lang=, else for Accept-Language.
func pickLanguage(lang, accept string) int {
	if lang == "" && accept == "" {
		return 0
	}
	_, index := language.MatchStrings(languageMatcher, lang, accept)
	return index
}

// reasonText is the sentence shown to the shopper.
func reasonText(kind string, lang int, because string) string {
	text := reasonTexts[kind][lang]
	if !strings.Contains(text, "%s") {
		return text
	}
	if because == "" {
		return reasonsWithoutItem[kind][lang]
	}
	return strings.Replace(text, "%s", because, 1)
}
