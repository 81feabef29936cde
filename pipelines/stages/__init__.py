"""The stages after core: prices, findings, statements, marts; a folder for each."""
