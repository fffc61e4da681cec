package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

var pathParameter = regexp.MustCompile(`:(\w+)`)

// getOpenAPI answers with an OpenAPI 3.1 description made from the routes.
func (n *node) getOpenAPI(c *fiber.Ctx) error {
	return respond(c, 200, describe(n.routes()))
}

func describe(routes []route) map[string]any {
	paths := map[string]map[string]any{}
	for _, r := range routes {
		path := pathParameter.ReplaceAllString(r.path, "{$1}")
		if paths[path] == nil {
			paths[path] = map[string]any{}
		}
		paths[path][strings.ToLower(r.method)] = describeRoute(r)
	}
	return map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]string{"title": "Beckon", "version": version, "description": "Times are Unix milliseconds, money is integer minor units with an ISO 4217 currency."},
		"paths":   paths,
		"components": map[string]any{
			"securitySchemes": map[string]any{
				"secretKey":    map[string]string{"type": "http", "scheme": "bearer", "description": "sk_…"},
				"publicKey":    map[string]string{"type": "apiKey", "in": "header", "name": "X-Beckon-Key", "description": "pk_…, also as ?k="},
				"shopperToken": map[string]string{"type": "apiKey", "in": "header", "name": "X-Beckon-Token"},
			},
			"schemas": map[string]any{"Error": errorSchema()},
		},
	}
}

func errorSchema() map[string]any {
	text := map[string]string{"type": "string"}
	return map[string]any{
		"type": "object", "required": []string{"error"},
		"properties": map[string]any{"error": map[string]any{
			"type": "object", "required": []string{"code", "message"},
			"properties": map[string]any{"code": text, "message": text},
		}},
	}
}

func describeRoute(r route) map[string]any {
	var parameters []map[string]any
	for _, m := range pathParameter.FindAllStringSubmatch(r.path, -1) {
		parameters = append(parameters, map[string]any{"name": m[1], "in": "path", "required": true, "schema": map[string]string{"type": "string"}})
	}
	for _, q := range r.query {
		parameters = append(parameters, map[string]any{"name": q, "in": "query", "schema": map[string]string{"type": "string"}})
	}
	responses := map[string]any{}
	for _, status := range r.answers {
		answer := map[string]any{"description": statusText(status)}
		if status >= 400 {
			answer["content"] = map[string]any{"application/json": map[string]any{"schema": map[string]string{"$ref": "#/components/schemas/Error"}}}
		}
		responses[strconv.Itoa(status)] = answer
	}
	op := map[string]any{"summary": r.does, "responses": responses, "security": securityOf(r.access)}
	if parameters != nil {
		op["parameters"] = parameters
	}
	return op
}

func statusText(status int) string {
	if status == 101 {
		return "Switching Protocols"
	}
	return fiber.NewError(status).Message
}

func securityOf(a access) []map[string][]string {
	secret, public := map[string][]string{"secretKey": {}}, map[string][]string{"publicKey": {}}
	switch a {
	case publicKey:
		return []map[string][]string{public, secret}
	case shopperOr:
		return []map[string][]string{{"publicKey": {}, "shopperToken": {}}, secret}
	case secretKey:
		return []map[string][]string{secret}
	default:
		return []map[string][]string{}
	}
}
