"""What turns config into jobs and csv files into tables and figures; the science is elsewhere."""
