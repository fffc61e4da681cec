// Lists tell what they show, through the data layer.
import { all, one } from './page.js'

export const listing = () => {
  const list = one('ul.cards[data-list]')
  if (!list) return
  dataLayer.push({
    event: 'view_item_list',
    ecommerce: {
      currency: 'EUR', item_list_id: list.dataset.list,
      items: all('.price', list).slice(0, 24).map((el) => ({ item_id: el.dataset.item, price: el.dataset.amount / 100 })),
    },
  })
}
