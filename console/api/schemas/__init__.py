"""What the API takes and gives, one file a noun. pydantic at the door; dataclasses inside."""
