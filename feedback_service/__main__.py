"""`python -m feedback_service` is the command `feedback-service`."""

from feedback_service.cli import main

if __name__ == "__main__":
    main()
