"""What somebody who helps from afar has to see, without what nobody may see."""
