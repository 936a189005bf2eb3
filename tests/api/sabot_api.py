"""The C API through ctypes, for tests."""
import ctypes
import os

P, I32, I64 = ctypes.c_void_p, ctypes.c_int32, ctypes.c_int64
ROOT = os.environ.get("SABOT_ROOT") or os.path.join(os.path.dirname(__file__), "../..")
LIBRARY = os.environ.get("SABOT_LIB") or os.path.join(ROOT, "build/dev/libsabot.so")
OK, INVALID, SYNTAX, TIMEOUT = 0, 2, 3, 14


class Option(ctypes.Structure):
    _fields_ = [("key", ctypes.c_char_p), ("value", ctypes.c_char_p)]


class Stream(ctypes.Structure):  # ArrowArrayStream
    _fields_ = [(name, P) for name in ("get_schema", "get_next", "get_last_error", "release", "private_data")]

    @property
    def at(self):
        return ctypes.addressof(self)


class JobInfo(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("state", ctypes.c_int), ("restarts", I32), ("restored", ctypes.c_bool),
                ("restored_from", ctypes.c_uint64), ("last_checkpoint", ctypes.c_uint64), ("checkpoints", I64),
                ("checkpoints_failed", I64), ("last_checkpoint_ms", I64), ("last_checkpoint_bytes", I64), ("source_rows", I64),
                ("sink_rows", I64), ("net_rows", I64), ("checksum", ctypes.c_uint64), ("watermark_ms", I64), ("state_bytes", I64),
                ("late_rows", I64), ("bad_records", I64), ("memory_bytes", I64), ("memory_peak_bytes", I64), ("has_state", ctypes.c_bool),
                ("bytes_read", I64), ("bytes_found", I64), ("pending_records", I64)]


class Failed(Exception):
    def __init__(self, status, error):
        text = lib.sabot_error_text(error).decode()
        super().__init__(text)
        self.status, self.code = status, lib.sabot_error_code(error).decode()
        self.message, self.hint = lib.sabot_error_message(error).decode(), lib.sabot_error_hint(error).decode()
        self.line, self.column = lib.sabot_error_line(error), lib.sabot_error_column(error)
        lib.sabot_error_free(error)


lib = ctypes.CDLL(LIBRARY)
for _name in ("error_text", "error_code", "error_message", "error_hint", "version", "result_message", "result_warning",
              "result_column_name", "result_column_type", "engine_get", "rows_text", "rows_json", "job_state_name", "explain_code"):
    getattr(lib, "sabot_" + _name).restype = ctypes.c_char_p
for _name in ("error_free", "engine_close", "result_free", "rows_free", "string_free", "job_stop", "job_cancel", "job_get_info",
              "script_free"):
    getattr(lib, "sabot_" + _name).restype = None
for _name in ("result_job", "job_metrics", "job_plan"):
    getattr(lib, "sabot_" + _name).restype = P
for _name in ("result_is_bounded", "result_is_insert_only", "engine_knows"):
    getattr(lib, "sabot_" + _name).restype = ctypes.c_bool


def call(function, *arguments):
    """With an error object as last argument; raises Failed."""
    error = P()
    status = function(*arguments, ctypes.byref(error))
    if status != OK:
        raise Failed(status, error) if error else AssertionError(f"status {status} without an error")


def take_string(pointer):
    text = ctypes.cast(pointer, ctypes.c_char_p).value.decode()
    lib.sabot_string_free(P(pointer))
    return text


class Engine:
    def __init__(self, **options):
        array = (Option * max(len(options), 1))(*[Option(k.replace("__", ".").encode(), v.encode()) for k, v in options.items()])
        self.handle = P()
        call(lib.sabot_engine_open, array, ctypes.c_size_t(len(options)), ctypes.byref(self.handle))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        lib.sabot_engine_close(self.handle)

    def set(self, key, value):
        call(lib.sabot_engine_set, self.handle, key.encode(), value.encode())

    def execute(self, sql):
        result = P()
        call(lib.sabot_execute, self.handle, sql.encode(), ctypes.byref(result))
        return Result(result)

    def register(self, table, reader, extra=None):
        stream = Stream()
        reader._export_to_c(stream.at)
        call(lib.sabot_register_stream, self.handle, table.encode(), P(stream.at), extra.encode() if extra else None)

    def explain(self, sql, kind=0):
        text = P()
        call(lib.sabot_explain, self.handle, sql.encode(), None, kind, ctypes.byref(text))
        return take_string(text.value)


class Result:
    def __init__(self, handle):
        self.handle = handle

    def __enter__(self):
        return self

    def __exit__(self, *_):
        lib.sabot_result_free(self.handle)

    def stream(self, op=0):
        import pyarrow
        stream = Stream()
        call(lib.sabot_result_stream, self.handle, op, P(stream.at))
        return pyarrow.RecordBatchReader._import_from_c(stream.at)

    def rows(self):
        """(op, cells) of each row."""
        found = []
        columns = lib.sabot_result_count_columns(self.handle)
        while True:
            rows = P()
            call(lib.sabot_result_fetch, self.handle, I64(-1), ctypes.byref(rows))
            if not rows:
                return found
            for row in range(lib.sabot_rows_count(rows)):
                cells = [lib.sabot_rows_text(rows, row, c, None) for c in range(columns)]
                found.append((lib.sabot_rows_op(rows, row), [c.decode() if c is not None else None for c in cells]))
            lib.sabot_rows_free(rows)

    def info(self):
        info = JobInfo(struct_size=ctypes.sizeof(JobInfo))
        lib.sabot_job_get_info(P(self.job), ctypes.byref(info))
        return info

    @property
    def job(self):
        return lib.sabot_result_job(self.handle)
