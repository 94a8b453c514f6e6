"""Running a drawing: the only place that knows the process library. Bytes in, bytes out; nothing here is kept between steps."""
