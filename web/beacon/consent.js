// What the shopper allows. Not said means: as the site's own setting decides, on the server. Without consent to analytics nothing
// is collected, stored or sent; data-consent="wait", or Google Consent Mode's denied default, holds events in memory until it is
// given. GPC and DNT refuse personalization whatever else is said.
import { options, get, put, stored } from './page.js'

const nav = navigator
const optOut = nav.globalPrivacyControl || nav.doNotTrack == 1
let said = get('c') || {} // {a: analytics, p: personalization}
let holds = options.consent == 'wait' && said.a == null
let changed = () => {}

// onConsent names what to do when consent changes: called with false when analytics is refused.
export const onConsent = (f) => (changed = f)

export const refused = () => said.a === false
export const mayStore = () => !holds && !refused()

// signals is the consent of a batch; undefined members are not sent.
export const signals = () => ({ analytics: said.a, personalization: optOut ? false : said.p })

const read = (o, names) => {
  let granted
  for (const n of names) if (o[n] != null) granted = granted !== false && (o[n] === true || o[n] == 'granted')
  return granted
}

// consent takes our own two fields, or Google's signals; isDefault is Google's state before the shopper was asked.
export const consent = (o, isDefault) => {
  const a = read(o, ['analytics']) ?? read(o, ['analytics_storage'])
  const p = read(o, ['personalization']) ?? read(o, ['ad_personalization', 'ad_user_data', 'ad_storage', 'personalization_storage'])
  if (isDefault) {
    if (a === false) holds = 1
    if (p === false) said.p = p
    return
  }
  said = { a: a ?? said.a, p: p ?? said.p }
  if (a != null) holds = 0
  if (refused()) for (const k of stored()) put(k)
  put('c', said)
  changed(!refused())
}

// Another tab's choice counts here too.
export const heedOtherTabs = (event) => {
  if (event.key?.endsWith('.c')) {
    said = get('c') || said
    if (said.a != null) holds = 0
    changed(!refused())
  }
}
