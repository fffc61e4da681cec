package engine

import "unsafe"

// symbols are the functions of libchdb that are used. Names are those of chdb.h with the _n left off: all texts go with their length.
// Pointers to Go memory are pinned by the caller for the time of the call; the library keeps none of them.
type symbols struct {
	chdbSetSignalHandlersEnabled func(enabled int32)
	chdbConnect                  func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	chdbCloseConn                func(owner unsafe.Pointer)
	chdbShutdown                 func() int32
	chdbVersion                  func() string

	chdbQueryWithParams       statement
	chdbStreamQueryWithParams statement
	chdbStreamFetchResult     func(conn, stream unsafe.Pointer) unsafe.Pointer
	chdbStreamCancelQuery     func(conn, stream unsafe.Pointer)

	chdbStreamInsertWithParams statement
	chdbStreamAppend           func(insert, chunk unsafe.Pointer, n uintptr) int32
	chdbStreamDone             func(insert unsafe.Pointer) unsafe.Pointer
	chdbStreamInsertError      func(insert unsafe.Pointer) string
	chdbDestroyInsertStream    func(insert unsafe.Pointer)

	chdbDestroyQueryResult     func(result unsafe.Pointer)
	chdbResultBuffer           func(result unsafe.Pointer) unsafe.Pointer
	chdbResultLength           func(result unsafe.Pointer) uintptr
	chdbResultError            func(result unsafe.Pointer) string
	chdbResultElapsed          func(result unsafe.Pointer) float64
	chdbResultRowsRead         func(result unsafe.Pointer) uint64
	chdbResultBytesRead        func(result unsafe.Pointer) uint64
	chdbResultStorageRowsRead  func(result unsafe.Pointer) uint64
	chdbResultStorageBytesRead func(result unsafe.Pointer) uint64
	chdbResultRowsWritten      func(result unsafe.Pointer) uint64
	chdbResultBytesWritten     func(result unsafe.Pointer) uint64

	chdbClassifyQuery func(conn, text unsafe.Pointer, textLen uintptr, database unsafe.Pointer, databaseLen uintptr, out unsafe.Pointer) int32
}

// statement starts a statement with named parameters.
type statement func(conn, text unsafe.Pointer, textLen uintptr, format unsafe.Pointer, formatLen uintptr,
	names, nameLens, values, valueLens unsafe.Pointer, count uintptr) unsafe.Pointer

// names says which symbol each function is.
func (s *symbols) names() map[string]any {
	return map[string]any{
		"chdb_set_signal_handlers_enabled": &s.chdbSetSignalHandlersEnabled,
		"chdb_connect":                     &s.chdbConnect,
		"chdb_close_conn":                  &s.chdbCloseConn,
		"chdb_shutdown":                    &s.chdbShutdown,
		"chdb_version":                     &s.chdbVersion,
		"chdb_query_with_params_n":         &s.chdbQueryWithParams,
		"chdb_stream_query_with_params_n":  &s.chdbStreamQueryWithParams,
		"chdb_stream_fetch_result":         &s.chdbStreamFetchResult,
		"chdb_stream_cancel_query":         &s.chdbStreamCancelQuery,
		"chdb_stream_insert_with_params_n": &s.chdbStreamInsertWithParams,
		"chdb_stream_append":               &s.chdbStreamAppend,
		"chdb_stream_done":                 &s.chdbStreamDone,
		"chdb_stream_insert_error":         &s.chdbStreamInsertError,
		"chdb_destroy_insert_stream":       &s.chdbDestroyInsertStream,
		"chdb_destroy_query_result":        &s.chdbDestroyQueryResult,
		"chdb_result_buffer":               &s.chdbResultBuffer,
		"chdb_result_length":               &s.chdbResultLength,
		"chdb_result_error":                &s.chdbResultError,
		"chdb_result_elapsed":              &s.chdbResultElapsed,
		"chdb_result_rows_read":            &s.chdbResultRowsRead,
		"chdb_result_bytes_read":           &s.chdbResultBytesRead,
		"chdb_result_storage_rows_read":    &s.chdbResultStorageRowsRead,
		"chdb_result_storage_bytes_read":   &s.chdbResultStorageBytesRead,
		"chdb_result_rows_written":         &s.chdbResultRowsWritten,
		"chdb_result_bytes_written":        &s.chdbResultBytesWritten,
		"chdb_classify_query_n":            &s.chdbClassifyQuery,
	}
}
