resource "aws_launch_template" "checkout" {
  name_prefix   = "checkout-"
  image_id      = var.checkout_image
  instance_type = "t4g.medium"

  tag_specifications {
    resource_type = "instance"

    tags = {
      Name = "checkout"
      Team = "payments"
    }
  }
}

resource "aws_autoscaling_group" "checkout" {
  name                = "checkout"
  min_size            = 3
  max_size            = 6
  vpc_zone_identifier = var.private_subnets

  launch_template {
    id      = aws_launch_template.checkout.id
    version = "$Latest"
  }
}
