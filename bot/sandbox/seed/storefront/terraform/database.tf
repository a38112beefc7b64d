# The orders database: every order since 2019 lives here.
resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  engine_version          = "16.4"
  instance_class          = "db.r6g.large"
  allocated_storage       = 200
  storage_encrypted       = true
  backup_retention_period = 14
  deletion_protection     = true
  skip_final_snapshot     = false

  vpc_security_group_ids = [aws_security_group.database.id]

  lifecycle {
    prevent_destroy = true
  }
}
