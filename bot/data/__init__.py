"""Knowledge as rows: AI markers, infrastructure kinds, dangers; each with source and examples."""
