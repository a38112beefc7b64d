"""CloudFormation, SAM and Serverless: what a change of a template does to the resources it declares."""
