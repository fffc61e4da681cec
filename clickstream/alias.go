package clickstream

// KindOf is the kind a name stands for: the known names, and Segment's e-commerce names and GA4's automatic search as their
// aliases. Other names are Custom.
// https://segment.com/docs/connections/spec/ecommerce/v2/
func KindOf(name string) Kind {
	switch name {
	case "page_view":
		return PageView
	case "view_item_list", "Product List Viewed", "Product List Filtered", "Viewed Product Category":
		return ViewItemList
	case "select_item", "Product Clicked":
		return SelectItem
	case "view_item", "Product Viewed", "Viewed Product":
		return ViewItem
	case "search", "view_search_results", "Products Searched":
		return Search
	case "add_to_wishlist", "Product Added to Wishlist":
		return AddToWishlist
	case "add_to_cart", "Product Added", "Wishlist Product Added to Cart", "Added Product":
		return AddToCart
	case "remove_from_cart", "Product Removed", "Removed Product":
		return RemoveFromCart
	case "view_cart", "Cart Viewed":
		return ViewCart
	case "begin_checkout", "Checkout Started":
		return BeginCheckout
	case "add_payment_info", "Payment Info Entered":
		return AddPaymentInfo
	case "add_shipping_info":
		return AddShippingInfo
	case "purchase", "Order Completed", "Completed Order":
		return Purchase
	case "refund", "Order Refunded":
		return Refund
	case "login", "Signed In":
		return Login
	case "sign_up", "Signed Up":
		return SignUp
	case "impression":
		return Impression
	case "identify":
		return Identify
	case "consent":
		return ConsentChange
	case "leave":
		return Leave
	case "heartbeat":
		return Heartbeat
	case "review", "Product Reviewed":
		return Review
	case "support_message":
		return SupportMessage
	}
	return Custom
}

// needsItem says which events say nothing without an item. Lists and carts may be empty, and a refund may be for a whole order.
func (k Kind) needsItem() bool {
	switch k {
	case SelectItem, ViewItem, AddToWishlist, AddToCart, RemoveFromCart, Purchase, Impression:
		return true
	}
	return false
}

func (k Kind) needsTransaction() bool { return k == Purchase || k == Refund }

// carriesItems says which kinds have a place for items and amounts.
func (k Kind) carriesItems() bool {
	switch k {
	case ViewItemList, ViewCart, BeginCheckout, AddPaymentInfo, AddShippingInfo, Refund, Review:
		return true
	}
	return k.needsItem()
}
