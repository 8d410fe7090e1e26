"""The models over HTTP, for the page and for programs; needs the extra `serve`."""
