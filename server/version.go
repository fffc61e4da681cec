package main

// version is the product's, as /healthz and /openapi.json say it.
const version = "0.1.0"
