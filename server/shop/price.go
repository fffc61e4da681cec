package shop

type pricePeriod struct{ price, end int64 }
