resource "aws_security_group" "database" {
  name   = "orders-database"
  vpc_id = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "checkout_to_database" {
  security_group_id = aws_security_group.database.id
  description       = "Checkout instances"
  cidr_ipv4         = "10.20.0.0/16"
  from_port         = 5432
  to_port           = 5432
  ip_protocol       = "tcp"
}
