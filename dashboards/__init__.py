"""Streamlit pages over the published read-only snapshot."""
