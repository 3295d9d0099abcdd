"""Which types of title are no films, in whatever language a site writes them.

Films made for television and shorts are films, and MovieLens has many.
"""

from __future__ import annotations

import re
from functools import lru_cache

from data.importing import cells

_WORDS = (
    # series, mini-series and seasons
    *("seri", "sezon", "season", "staffel", "saison", "temporada", "dizi", "sarja", "reeks"),
    *("sorozat", "сериал", "серіал", "シリーズ", "电视剧", "電視劇", "剧集", "劇集", "시리즈"),
    *("σειρα", "مسلسل", "סדרה", "धारावाहिक"),
    # episodes and pilots
    *("epi[sz]od", "episod", "folge", "puntata", "odcinek", "avsnitt", "aflevering", "jakso"),
    *("bolum", "эпизод", "епізод", "エピソード", "单集", "에피소드", "επεισοδιο", "حلقة", "pilot$"),
    # games
    *("game", "videospiel", "videogioco", "videojuego", "jeuvideo", "jogo", "videojogo", "oyun"),
    *("spel$", "gra(?:wideo)?$", "peli$", "игра", "гра$", "ゲーム", "游戏", "遊戲", "게임"),
    # sound and people
    *("podcast", "music", "musik", "musica", "muzik", "videoclip", "clipmusical", "подкаст"),
    r"(?:^tv|^show|tvshow|person|list|user|book|manga|comic|audiobook|boardgame)$",
)
_NO_FILM = re.compile("|".join(_WORDS))


@lru_cache(maxsize=4096)
def is_no_film(kind: str) -> bool:
    """Return whether a type such as `TV Mini Series`, `Videospiel` or `Serie TV` is of no film."""
    return bool(_NO_FILM.search(cells.letters(kind)))
