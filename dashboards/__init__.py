"""What roamhouse shows: Streamlit pages over the published read-only snapshot."""
