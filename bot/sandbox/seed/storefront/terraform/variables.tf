variable "vpc_id" {
  type = string
}

variable "private_subnets" {
  type = list(string)
}

variable "checkout_image" {
  type = string
}
