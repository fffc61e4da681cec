package offers

// numbers finds places by offer number. Numbers are given one after the other and forgotten in about that order, so that pages of them
// cost a store where a map of all would cost a search.
type numbers map[uint64]*numberPage // by number / pageNumbers

const pageNumbers = 512

type numberPage struct {
	used   int
	places [pageNumbers]uint32 // plus 1; 0 is none
}

func (n numbers) put(number uint64, place uint32) {
	page := n[number/pageNumbers]
	if page == nil {
		page = &numberPage{}
		n[number/pageNumbers] = page
	}
	page.places[number%pageNumbers] = place + 1
	page.used++
}

func (n numbers) place(number uint64) (place uint32, ok bool) {
	page := n[number/pageNumbers]
	if page == nil || page.places[number%pageNumbers] == 0 {
		return 0, false
	}
	return page.places[number%pageNumbers] - 1, true
}

// remove forgets a number that was put, and its page with the last one.
func (n numbers) remove(number uint64) {
	page := n[number/pageNumbers]
	page.places[number%pageNumbers] = 0
	if page.used--; page.used == 0 {
		delete(n, number/pageNumbers)
	}
}
