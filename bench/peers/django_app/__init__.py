"""The Django application that holds the unmanaged models of both Django peers."""
