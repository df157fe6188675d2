"""What the suite is made of besides itself: the locked packages, their bill of materials, and what is known of them."""
