"""The capture file: schema, writer, reader, retention, filters."""
