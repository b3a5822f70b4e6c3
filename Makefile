# For those who type make: each target is the command of the same name, e.g. `make test` = `python3 x.py test`.
.PHONY: demo test check prove bench openapi lock
demo test check prove bench openapi lock:
	python3 x.py $@
