"""kikan as production serves it: ``python -m bench.kikan_server``, settings from the environment."""

from api.serve import serve
from domain.settings import Settings

if __name__ == "__main__":
    serve(Settings())
