// The demo shop's own script, as a shop would write it. Beckon is reached in the ways that every page has: the queue, the data layer and
// the marks in the markup.
window.beckon = window.beckon || function () { (beckon.q = beckon.q || []).push(arguments) }
window.dataLayer = window.dataLayer || []

import { watchCart } from './cart.js'
import { showCart } from './cart_page.js'
import { checkout, thanks } from './checkout.js'
import { trending } from './trending.js'
import { record } from './log.js'
import { inspect } from './inspect.js'
import { notices } from './notices.js'
import { offers } from './offers.js'
import { listing } from './listing.js'

for (const part of [record, watchCart, showCart, checkout, thanks, listing, trending, notices, offers, inspect]) part()
