"""The vocabulary of the store's search."""

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.db import Base


class SearchWord(Base):
    """Every word of the listings, folded: what a typo is corrected to."""

    __tablename__ = "search_word"
    __table_args__ = (
        Index("ix_search_word_trigrams", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
    )

    word: Mapped[str] = mapped_column(Text, primary_key=True)
