"""Mail from archives becomes history at the desk."""
